package packager

// FirstTicks is the MPEG-TS time of every packaged film's beginning, for
// X-TIMESTAMP-MAP: known before its index is read.
const FirstTicks = firstTicks
