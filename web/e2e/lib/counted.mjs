// Films whose pictures carry their own number, as ten blocks: white is one. So what is on a screen says which picture
// it is, to the frame. And the subtitles for them.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const FRAMES_PER_SECOND = 25;
const BITS = 10;
const WIDTH = 640;

/** Pictures at which a line of subtitles begins; each stays for a second. */
export const SAID_AT = [100, 240, 375];

const stamp = (/** @type {number} */ frame, point = ",") => new Date((frame * 1000) / FRAMES_PER_SECOND).toISOString().slice(11, 23).replace(".", point);

/** SubRip for such a film. @param {string} words @param {number} [late] pictures by which all of it is later */
export const subRip = (words, late = 0) =>
  SAID_AT.map((frame, i) => `${i + 1}\r\n${stamp(frame + late)} --> ${stamp(frame + late + FRAMES_PER_SECOND)}\r\n${words} ${frame}\r\n`).join("\r\n");

const ffmpeg = (/** @type {string[]} */ ...args) => run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], { timeout: 120_000 });

/** @param {string} folder that the films are made in */
export async function countedFilms(folder) {
  const at = (/** @type {string} */ name) => join(folder, name);
  const blocks = Array.from({ length: BITS }, (_, k) => `drawbox=x=${k * (WIDTH / BITS)}:y=40:w=62:h=120:color=white:t=fill:enable='mod(floor(n/${2 ** k}),2)'`);
  const picture = [`color=c=black:s=${WIDTH}x360:r=${FRAMES_PER_SECOND}:d=20`, ...blocks].join(",");
  await writeFile(at("words.srt"), subRip("Frame"));
  await writeFile(
    at("chapters.txt"),
    [";FFMETADATA1", ...[["One", 0, 5], ["Two", 5, 12], ["The end <b>", 12, 20]].flatMap(([title, from, to]) => ["[CHAPTER]", "TIMEBASE=1/1", `START=${from}`, `END=${to}`, `title=${title}`])].join("\n"),
  );
  const sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=f=440:r=48000:d=20", "-i", at("words.srt"), "-i", at("chapters.txt")];
  const coded = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac"]; // with B-frames: decoding begins before the first picture
  const named = ["-metadata:s:a:0", "language=eng", "-metadata:s:s:0", "language=ger"];
  await ffmpeg(...sources, "-map", "0:v", "-map", "1:a", "-map", "2", "-map_metadata", "3", ...coded, "-c:s", "mov_text", ...named, at("Direct.mp4"));
  await ffmpeg("-i", at("words.srt"), at("words.ass"));
  await ffmpeg("-i", at("words.srt"), at("words.vtt"));
  const streams = ["-map", "0:v", "-map", "0:a", "-map", "1", "-map", "2", "-map", "3"];
  const tongues = ["fre", "spa", "por"].flatMap((tongue, i) => [`-metadata:s:s:${i}`, `language=${tongue}`]);
  await ffmpeg("-i", at("Direct.mp4"), "-i", at("words.srt"), "-i", at("words.ass"), "-i", at("words.vtt"), ...streams, "-c", "copy", ...tongues, at("Tracks.mkv"));
  // The sound begins 0.6 s before the picture, so all subtitles do too: players count from the file's beginning.
  await ffmpeg("-itsoffset", "0.6", "-i", at("Direct.mp4"), "-i", at("Direct.mp4"), "-itsoffset", "0.6", "-i", at("words.srt"), "-map", "0:v", "-map", "1:a", "-map", "2", "-c", "copy", "-map_chapters", "-1", "-metadata:s:s:0", "language=ger", at("Late.mkv"));
  await ffmpeg("-i", at("Direct.mp4"), "-i", at("words.srt"), "-map", "0:v", "-map", "0:a", "-map", "1", "-c:v", "mpeg4", "-q:v", "3", "-c:a", "aac", "-c:s", "srt", "-metadata:s:s:0", "language=ger", at("Converted.mkv"));
}

/**
 * Goes through the pictures around each line of a track, and tells when picture and line came: seconds of the player.
 * @param {import("playwright-core").Page} page @param {number} n of the track
 * @returns {Promise<{frame: number, picture: number | null, line: number | null, text: string}[]>}
 */
export function watchLines(page, n) {
  return page.evaluate(
    async ({ n, frames, rate, bits, width }) => {
      const video = document.querySelector("video");
      video.pause();
      const canvas = Object.assign(document.createElement("canvas"), { width, height: 360 });
      const paper = canvas.getContext("2d", { willReadFrequently: true });
      const number = () => {
        paper.drawImage(video, 0, 0, width, 360);
        let sum = 0;
        for (let k = 0; k < bits; k++) if (paper.getImageData((k + 0.5) * (width / bits), 100, 1, 1).data[0] > 128) sum += 2 ** k;
        return sum;
      };
      const rest = () => new Promise((done) => setTimeout(done, 80));
      const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const go = async (seconds) => {
        const there = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
        video.currentTime = seconds;
        await there;
        await painted();
      };
      const { track } = video.querySelector(`track[data-n="${n}"]`);
      const out = [];
      for (const frame of frames) {
        const one = { frame, picture: null, line: null, text: "" };
        for (let step = -15; step < 100 && (one.picture === null || one.line === null); step++) {
          const seconds = frame / rate + step / 100;
          await go(seconds);
          if (one.picture === null && number() < frame) await rest(); // a busy machine paints late
          if (one.picture === null && number() >= frame) one.picture = seconds;
          const [cue] = Array.from(track.activeCues ?? []);
          if (one.line === null && cue) [one.line, one.text] = [seconds, cue.text];
        }
        out.push(one);
      }
      return out;
    },
    { n, frames: SAID_AT, rate: FRAMES_PER_SECOND, bits: BITS, width: WIDTH },
  );
}
