// Package plot draws spectra and waterfalls, as PNG and SVG, with gonum's plot and the Liberation fonts,
// which have Latin and Cyrillic letters and are part of the binary.
package plot
