// Package systemd holds all that makes StreamBox a part of a Linux system: its
// units, udev rules, the user, the folders, and the settings file. The files
// lie here as they are installed, byte by byte: nothing is rendered from
// templates, so what is reviewed here, what `systemd-analyze security` weighs
// in the tests, and what runs on a box is one thing.
//
// # One manifest, two ways onto a machine
//
// [Manifest] says of every file what it is and where it goes. The program
// embeds the files and writes them below /etc (`streambox service install`,
// [Local]); the Debian package ships the same files below /usr/lib ([Packaged]),
// where /etc overrides them. A test compares the manifest with the folder, so
// that no file can be forgotten.
//
// # The units
//
//   - streambox.service is the box: its own user, the port 80 as its only
//     privilege, a read-only system, and only the devices it needs. Its comments
//     give the reason of every line that is not ordinary hardening. What must
//     differ on one machine belongs into a drop-in (systemctl edit), never into
//     the file.
//   - streambox-poweroff.path and .service are the pattern for what only root
//     may do: the program creates an empty file in /run/streambox/request, a path
//     unit sees it and starts a oneshot that takes no argument, looks at the
//     request itself, removes it, and logs one line. So a program that was taken
//     over by a hostile film can ask for exactly these few things.
//   - streambox-update.path and .service are another such door: an update from a stick goes into the
//     card's other slot; streambox-trial.service decides with a start whether it stays (package appliance/update).
//   - streambox-network.path and .service are another such door: the radio becomes a client or
//     an access point (package appliance/network/setup), where the settings give it to us.
//     streambox-wifi@.service is the radio's program, wpa_supplicant.
//   - streambox-ssh.service opens the card's system to who has put a public key on it; elsewhere
//     its condition is never true, and nobody enables it.
//   - streambox-worker.socket and streambox-worker@.service read the films: one
//     instance, with a user of its own, for each run of ffmpeg or ffprobe, which gets
//     its film as an open descriptor over the socket (package transcode/worker) and
//     sees no network, no other file and no device but the video encoders.
//   - streambox-media@.service mounts one stick, called by the udev rule of the
//     sticks; the rules of the panel give the group gpio its LED.
//
// # Exposure
//
// `systemd-analyze security` gives streambox-worker@.service at most 0.8 (of 10; 0
// is best) and streambox.service at most 2.1. What costs the latter: the network (a box is there to be asked), its devices,
// the system call group @resources (ffmpeg and its priority), /sys/devices (the
// LED), the file system root it shares, and its one capability.
package systemd
