"""A drill: choose, fetch, load, verify, clean up; measured, judged, and recorded whatever came of it."""
