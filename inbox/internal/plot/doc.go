// Package plot draws spectra, waterfalls and statistics.
package plot
