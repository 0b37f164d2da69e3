"""Themes: structural causes and ideas that many conversations raise. The way in is `door.ThemesDoor`.

`linking` holds the steps of a conversation; `keeping`, `merging` and `backlog` what happens to a theme; `suggesting`,
`relearning` and `routing` what machines propose and do; `reading`, `discovering` and `trying` what screens are shown.
"""
