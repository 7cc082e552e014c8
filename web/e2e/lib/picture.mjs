// Comparing what a browser shows with what is in the source. Both pictures are averaged down to a grid of cells: that
// forgives what an encoder, a scaler and rounding of times do, and nothing else, since the clips' large blocks change
// with every second (transcode/clips).
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
export const columns = 32;
export const rows = 18;

/** Averages an RGB(A) picture to columns × rows cells of three values. Its text also runs inside the page: it uses nothing from here. */
export function cells(pixels, width, height, bytesPerPixel, columns, rows) {
  const sums = new Float64Array(columns * rows * 3);
  const counts = new Float64Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height);
    for (let x = 0; x < width; x++) {
      const cell = row * columns + Math.floor((x * columns) / width);
      const at = (y * width + x) * bytesPerPixel;
      counts[cell]++;
      for (let c = 0; c < 3; c++) sums[cell * 3 + c] += pixels[at + c];
    }
  }
  return Array.from(sums, (sum, i) => sum / counts[Math.floor(i / 3)]);
}

/** The source's frame at a time, turned upright and in its shown size, as cells. @param {import("./clips.mjs").Clip} clip */
export async function sourceFrame(clip, seconds) {
  const { width, height } = clip;
  // Decoded from its start: ffmpeg's -ss lands a second off in some interlaced transport streams.
  const filter = `setpts=PTS-STARTPTS,select=gte(t\\,${seconds - 0.02}),scale=${width}:${height},setsar=1,format=rgb24`;
  const args = ["-v", "error", "-nostdin", "-i", clip.path, "-map", "0:V:0", "-vf", filter, "-frames:v", "1", "-f", "rawvideo", "pipe:1"];
  const { stdout } = await run("ffmpeg", args, { encoding: "buffer", maxBuffer: 1 << 26, timeout: 60_000 });
  if (stdout.length !== width * height * 3) throw new Error(`the source of ${clip.file} has no frame at ${seconds} s`);
  return cells(stdout, width, height, 3, columns, rows);
}

/**
 * What the page's video shows now: cells, and the picture's own size.
 * @param {import("playwright-core").Page} page
 * @param {number} width to draw it with @param {number} height
 */
export function shownFrame(page, width, height) {
  return page.evaluate(`(() => {
    const cells = ${cells};
    const video = document.querySelector("video");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [${width}, ${height}];
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, 0, 0, ${width}, ${height});
    const { data } = pen.getImageData(0, 0, ${width}, ${height});
    return {
      cells: cells(data, ${width}, ${height}, 4, ${columns}, ${rows}),
      width: video.videoWidth,
      height: video.videoHeight,
    };
  })()`);
}

/** Mean difference of two grids, 0…255. */
export const difference = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

/** How alike light and dark are distributed, −1…1: for pictures whose colours went through tone mapping. */
export function likeness(a, b) {
  const light = (grid) => Array.from({ length: grid.length / 3 }, (_, i) => 0.3 * grid[3 * i] + 0.59 * grid[3 * i + 1] + 0.11 * grid[3 * i + 2]);
  const [p, q] = [light(a), light(b)];
  const mean = (list) => list.reduce((sum, v) => sum + v, 0) / list.length;
  const [mp, mq] = [mean(p), mean(q)];
  let [pq, pp, qq] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    pq += (p[i] - mp) * (q[i] - mq);
    pp += (p[i] - mp) ** 2;
    qq += (q[i] - mq) ** 2;
  }
  return pq / Math.sqrt(pp * qq || 1);
}
