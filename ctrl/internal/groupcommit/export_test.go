package groupcommit

// Waiting returns how many items wait for the batch that is being worked on.
func (g *Group[T]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}
