// Package chart draws charts as PNG and SVG, on gonum's canvases and in Liberation Sans, which has Latin and Cyrillic letters and is
// part of the binary.
//
// It makes charts of its own: those of gonum.org/v1/plot come with the twelve Liberation fonts and with writers of
// PDF, EPS and TeX, together 4.5 MB of the program.
package chart
