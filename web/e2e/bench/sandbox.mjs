// What the confinement of ffmpeg costs each run of it.
import { record } from "./figures.mjs";
import { benchmark } from "./gobench.mjs";

export async function sandbox() {
  const rows = await benchmark("./transcode/worker", "^BenchmarkConfinement$", ["-benchtime", "20x"]);
  for (const what of ["probe", "thumbnail"]) {
    const [ours, plain] = ["child", "plain"].map((how) => rows[`Confinement/${what}/${how}`]["ns/op"] / 1e6);
    record({ what: `${what} of a second of HEVC by a confined child beside an ordinary one, median of 5`, ours: `${ours.toFixed(1)} ms`, reference: `${plain.toFixed(1)} ms`, ratio: ours / plain });
  }
}
