"""Pictures to boxes around people: a cheap cue first, then networks on the crops."""
