package cache

import (
	"context"
	"iter"
	"maps"
)

// Bounds of the entries that GetVariant keeps: how many, and their part of MaxBytes. There may be any number of
// variants of an answer, and each change of what they are made from drops all of them at once.
const (
	maxVariants  = 5000
	variantShare = 4
)

// GetVariant is Get for one of an open number of variants of an answer, such as a list under each filter that somebody
// thinks of. They stay in this instance's memory and out of Redis, at most 5,000 of them in a quarter of MaxBytes; the
// ones not used lately go first.
func (s *Store) GetVariant(ctx context.Context, key string, tags []string, fill func(ctx context.Context) (Value, error)) (*Entry, error) {
	return s.get(ctx, flight{key: key, tags: tags, fill: fill, variant: true})
}

// admitVariant makes room for a variant of size bytes and a tenth more. The caller holds mu.
func (s *Store) admitVariant(key string, size int64) {
	bytes := s.options.MaxBytes / variantShare
	if len(s.variants) >= maxVariants || s.variantBytes+size > bytes {
		s.sweep(maps.Keys(s.variants), func() bool {
			return len(s.variants) < maxVariants-maxVariants/10 && s.variantBytes+size <= bytes-bytes/10
		})
	}
	s.variants[key] = struct{}{}
	s.variantBytes += size
}

// sweep removes entries until it is enough. Each entry used since the last pass gets a second chance; the map's random
// order takes the place of a clock hand. The caller holds mu.
func (s *Store) sweep(keys iter.Seq[string], enough func() bool) {
	for range 2 {
		for key := range keys {
			if enough() {
				return
			}
			e := s.entries[key]
			if e.used.Swap(false) {
				continue
			}
			s.elsewhere = max(s.elsewhere, e.asOf)
			s.remove(key)
		}
	}
}
