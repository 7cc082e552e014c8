package intake

// waiting is a title that waits for its turn in a lane.
type waiting struct {
	id       string
	opened   int    // phones that have it open
	failures int    // of its jobs in a row, by no fault of the film's
	number   uint64 // order of arrival
}

// pick chooses who is next: most waiting phones first, then who failed least
// (what fails again and again must not hold up the others), then who came first.
// It is pure; -1 for an empty queue. Running jobs are not in it, so nothing
// can displace them.
func pick(queue []waiting) int {
	best := -1
	for i, w := range queue {
		if best < 0 || before(w, queue[best]) {
			best = i
		}
	}
	return best
}

// before is a total order: two titles with the same number (they cannot be,
// but the state file may have been lost) are told apart by their id.
func before(a, b waiting) bool {
	switch {
	case a.opened != b.opened:
		return a.opened > b.opened
	case a.failures != b.failures:
		return a.failures < b.failures
	case a.number != b.number:
		return a.number < b.number
	default:
		return a.id < b.id
	}
}

// arrivalBits is how much of a queue number is the place inside one scan. Each
// scan draws one number that survives restarts and puts it in front, so that
// 10,000 new films cost one write and not 10,000.
const arrivalBits = 21 // 2,097,152 > filmLimit

// arrival is the queue number of the index-th film of a scan.
func arrival(scan uint64, index int) uint64 {
	return scan<<arrivalBits | uint64(min(index, 1<<arrivalBits-1)) //nolint:gosec // not negative
}

// nextUp is the index of the film of a queue that is read next: an opened one, else
// the one whose card was shown last without a picture, else the first that may be;
// -1: none may.
func nextUp(films []*film, may func(*film) bool, opened func(id string) bool) int {
	best := -1
	for i, f := range films {
		switch {
		case !may(f):
		case opened(f.id):
			return i
		case best < 0 || f.looked > films[best].looked:
			best = i
		}
	}
	return best
}
