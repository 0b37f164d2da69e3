"""The Service levels page, part by part; `screens.levels_page` draws it."""
