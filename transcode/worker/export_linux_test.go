package worker

// NewBareChild makes children as on a kernel without Landlock.
func NewBareChild() *Child { return &Child{bare: true} }

// NewContainedBareChild makes those of an instance there.
func NewContainedBareChild() *Child { return &Child{bare: true, contained: true} }
