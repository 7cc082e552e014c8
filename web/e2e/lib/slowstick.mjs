// A stick as slow as cheap ones are: an image on a loop device, mounted read-only, of which the kernel lets one control
// group read so many bytes and so often a second (blk-throttle). As root; null where the kernel cannot do it.
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const groups = "/sys/fs/cgroup/blkio";

/** @returns {Promise<string>} why it cannot be had here; "" when it can */
export async function noSlowStick() {
  if (process.getuid?.() !== 0) return "it needs root";
  for (const name of [`${groups}/blkio.throttle.read_bps_device`, "/dev/loop-control"]) {
    if (!(await access(name).then(() => true, () => false))) return `${name} is missing`;
  }
  return "";
}

/**
 * @param {string} folder what is on it
 * @param {string} at where it is mounted
 * @param {{bytesPerSecond: number, readsPerSecond: number}} limits
 */
export async function slowStick(folder, at, { bytesPerSecond, readsPerSecond }) {
  const work = await mkdtemp(join(tmpdir(), "streambox-slow-"));
  const image = join(work, "image");
  const { stdout: size } = await run("du", ["-sm", folder]);
  const mebibytes = Math.ceil(Number.parseInt(size, 10) * 1.05) + 64;
  await run("truncate", ["-s", `${mebibytes}M`, image]);
  await run("mke2fs", ["-q", "-t", "ext4", "-m", "0", "-d", folder, image], { timeout: 300_000 });
  const device = (await run("losetup", ["--find", "--show", "--read-only", "--direct-io=on", image])).stdout.trim();
  const group = join(groups, `streambox-slow-${process.pid}`);
  const { rdev } = await stat(device);
  const number = `${rdev >> 8}:${rdev & 0xff}`;
  await mkdir(group);
  await mkdir(at, { recursive: true });
  await writeFile(join(group, "blkio.throttle.read_bps_device"), `${number} ${bytesPerSecond}`);
  await writeFile(join(group, "blkio.throttle.read_iops_device"), `${number} ${readsPerSecond}`);
  const plug = () => run("mount", ["-o", "ro,noload", device, at]);
  const pull = () => run("umount", [at]);
  await plug();
  return {
    /** Starts a program in the group. @param {...string} words */
    inside: (...words) => ["sh", "-c", `echo $$ > ${group}/cgroup.procs && exec "$@"`, "sh", ...words],
    /** Forgets all that was read of it: nothing of a stick that was just plugged is in memory. */
    cold: async () => {
      await pull();
      await run("blockdev", ["--flushbufs", device]);
      await plug();
    },
    /** Reads the stick was asked for by the group since it was made. */
    reads: async () => {
      const { stdout } = await run("cat", [join(group, "blkio.throttle.io_serviced")]);
      return Number(new RegExp(`${number} Read (\\d+)`).exec(stdout)?.[1] ?? 0);
    },
    remove: async () => {
      await pull().catch(() => {});
      await run("losetup", ["--detach", device]).catch(() => {});
      await rmdir(group).catch(() => {});
      await rm(work, { recursive: true, force: true });
    },
  };
}
