package library

import (
	"slices"
	"strings"
)

// Query selects a page of titles.
type Query struct {
	Since  uint64 // only what changed after this revision; 0: all
	After  string // id of the last title of the page before
	Limit  int    // 0: 200; at most 200
	Folder string // only this folder and below; "" all
	Search string // words, all must occur in title or folder; case and accents do not matter
	Sort   string // "" or "folder": natural order of folder and file; "title"; "added": newest first; "duration": shortest first
}

// Page is an answer to a Query. Who loads several pages asks for changes since
// the Revision of the first of them: titles may have changed in between.
type Page struct {
	Revision uint64   `json:"revision"`
	Titles   []Title  `json:"titles"`
	Removed  []string `json:"removed"`         // no longer in the answer; only on the first page of a Query with Since
	Next     string   `json:"next,omitempty"`  // After of the next page; "" at the end
	Total    int      `json:"total"`           // titles that match
	Reset    bool     `json:"reset,omitempty"` // Since is too old (or from before a restart), or After unknown: this is the first page of all
}

const maxPage = 200

// Titles answers a query. The slices inside the titles are shared: read only.
func (l *Library) Titles(q Query) Page {
	limit := q.Limit
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	p := Page{Revision: l.revision, Removed: []string{}}
	if q.Since != 0 && (q.Since < l.base || q.Since < l.forgotten || q.Since > l.revision) {
		p.Reset, q.Since, q.After = true, 0, ""
	}
	o := l.orders[q.Sort]
	if o == nil {
		o = l.orders["folder"]
	}
	first := 0
	if q.After != "" {
		if key := l.keyOf(q.After); key != nil {
			first = o.after(key)
		} else {
			p.Reset, q.Since, q.After = true, 0, ""
		}
	}
	if q.Since == 0 && q.Folder == "" && q.Search == "" {
		p.Total = len(o.list)
		p.fill(o.list[first:], limit)
		return p
	}
	l.filter(&p, q, o, first, limit)
	return p
}

// filter goes through all titles: what matches counts, what changed and no longer matches is removed.
func (l *Library) filter(p *Page, q Query, o *order, first, limit int) {
	words := searchWords(q.Search)
	var page []*entry
	for i, e := range o.list {
		if e.revision <= q.Since {
			continue
		}
		if !inFolder(e.key.shelf, q.Folder) || !containsAll(e.key.search, words) {
			if q.Since != 0 && q.After == "" {
				p.Removed = append(p.Removed, e.id)
			}
			continue
		}
		p.Total++
		if i >= first && len(page) <= limit {
			page = append(page, e)
		}
	}
	p.fill(page, limit)
	if q.Since == 0 || q.After != "" {
		return
	}
	for _, r := range slices.Backward(l.removals) {
		if r.revision <= q.Since {
			break
		}
		if e := l.entries[r.key.id]; e == nil || !e.listed {
			p.Removed = append(p.Removed, r.key.id)
		}
	}
	slices.Sort(p.Removed)
	p.Removed = slices.Compact(p.Removed)
}

func (p *Page) fill(list []*entry, limit int) {
	n := min(limit, len(list))
	p.Titles = make([]Title, n)
	for i, e := range list[:n] {
		p.Titles[i] = e.view
	}
	if n < len(list) {
		p.Next = list[n-1].id
	}
}

// keyOf finds where a title stands or stood, so that a page can go on after a title that has left since.
func (l *Library) keyOf(id string) *sortKey {
	if e := l.entries[id]; e != nil && e.key != nil {
		return e.key
	}
	for _, r := range slices.Backward(l.removals) {
		if r.key.id == id {
			return r.key
		}
	}
	return nil
}

func inFolder(shelf, folder string) bool {
	return folder == "" || shelf == folder || strings.HasPrefix(shelf, folder+"/")
}

// Title returns one title: one of the list, or one that has left it and can
// still be played. Its slices are shared: read only.
func (l *Library) Title(id string) (Title, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	e := l.entries[id]
	if e == nil || !e.listed && !e.view.Playable {
		return Title{}, false
	}
	return e.view, true
}

// Record returns a copy.
func (l *Library) Record(id string) (Record, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	e := l.entries[id]
	if e == nil || e.rec.ID == "" {
		return Record{}, false
	}
	return e.rec.clone(), true
}

// Records returns copies of all, in the order of their QueueNumber, those
// without one last (in the order in which they were met).
func (l *Library) Records() []Record {
	l.mu.RLock()
	list := make([]Record, 0, len(l.entries))
	for _, e := range l.entries {
		if e.rec.ID != "" {
			list = append(list, e.rec.clone())
		}
	}
	l.mu.RUnlock()
	slices.SortFunc(list, inQueue)
	return list
}
