// Package rollup keeps and reads what all sweeps of one receiver on one grid measured within a minute or an hour: their highest and
// lowest value, their sum in milliwatts, their number, and how many lie in each decibel, for every frequency (docs/adr/0032).
//
// A Keeper brings the rollups up to date in the background. A Reader takes an hour where it is up to date, else its
// minutes where those are, else the traces themselves: whatever the Keeper has done, every committed trace counts once.
package rollup
