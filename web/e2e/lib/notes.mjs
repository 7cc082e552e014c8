// What is noted inside a page, from outside of the product: media bytes on DataChannels, frames in transit, freezes, its
// WebSockets; and two things done to it: lies and a dead WebSocket. Given to the browser before the page's own scripts.

/** Runs in the page; it uses nothing from here. */
export function notes() {
  const rig = {
    clicked: 0,
    shown: 0, // time of the first frame after the click
    played: 0, // seconds, the farthest
    freezes: 0,
    frozenMilliseconds: 0,
    starved: 0, // of the freezes, those with nothing left to show: the others are the decoder's, on a busy machine
    channelBytes: 0, // all that came in by DataChannels
    unfinished: 0, // deliveries of which a slice has come, and not the last
    connections: 0, // RTCPeerConnections ever made
    lie: false, // set: a byte of every slice that goes out is changed
    lies: 0,
    sockets: [],
    deaf: false, // set: no WebSocket can be opened
  };
  window.rig = rig;

  // Frames: type at 0 (2 is DATA), request at 16, offset at 20, total at 24; see wire.js. Other products' are only counted.
  const halves = new Map();
  const heard = (data) => {
    const bytes = data.byteLength ?? data.size ?? data.length;
    rig.channelBytes += bytes;
    if (!(data instanceof ArrayBuffer) || bytes <= 28) return;
    const view = new DataView(data);
    if (view.getUint8(0) !== 2) return;
    const [request, offset, total] = [16, 20, 24].map((at) => view.getUint32(at));
    if (offset + bytes - 28 >= total) halves.delete(request);
    else halves.set(request, true);
    rig.unfinished = halves.size;
  };
  const watch = (channel) => channel.addEventListener("message", ({ data }) => heard(data));
  const Connection = window.RTCPeerConnection;
  if (Connection) {
    window.RTCPeerConnection = class extends Connection {
      constructor(...args) {
        super(...args);
        rig.connections++;
        this.addEventListener("datachannel", ({ channel }) => watch(channel));
      }
      createDataChannel(...args) {
        const channel = super.createDataChannel(...args);
        watch(channel);
        return channel;
      }
    };
    const send = RTCDataChannel.prototype.send;
    RTCDataChannel.prototype.send = function (data) {
      if (!rig.lie || typeof data === "string" || data.byteLength <= 28) return send.call(this, data);
      const copy = new Uint8Array(data instanceof ArrayBuffer ? data.slice(0) : data.slice());
      if (copy[0] === 2) {
        copy[28 + ((copy.length - 28) >> 1)] ^= 0x40;
        rig.lies++;
      }
      return send.call(this, copy);
    };
  }
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url, ...rest) {
      super(rig.deaf ? `${url}/dead` : url, ...rest); // 404; the page may not connect to elsewhere
      rig.sockets.push(this);
    }
  };

  // A freeze: the picture stands although it should not, for longer than one notices.
  const ahead = ({ buffered, currentTime }) => {
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
    return 0;
  };
  const follow = (video) => {
    let standsSince = 0;
    let hungry = false;
    video.addEventListener("waiting", () => {
      if (!rig.shown || video.ended || video.seeking || standsSince) return;
      standsSince = performance.now();
      hungry = ahead(video) < 0.5;
    });
    video.addEventListener("seeking", () => (standsSince = 0));
    const moves = () => {
      rig.played = Math.max(rig.played, video.currentTime);
      const stood = standsSince && performance.now() - standsSince;
      standsSince = 0;
      if (stood < 200 || video.ended) return;
      rig.freezes++;
      if (hungry) rig.starved++;
      rig.frozenMilliseconds += stood;
    };
    video.addEventListener("playing", moves);
    video.addEventListener("timeupdate", moves);
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback((now) => (rig.shown ||= now));
    else video.addEventListener("playing", () => (rig.shown ||= performance.now()));
  };
  addEventListener("click", () => {
    rig.clicked ||= performance.now();
    const look = () => {
      const video = document.querySelector("video");
      if (video) follow(video);
      else requestAnimationFrame(look);
    };
    look();
  }, { capture: true, once: true });
}
