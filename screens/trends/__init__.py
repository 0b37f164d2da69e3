"""The Trends page, part by part; `screens.trends_page` draws it."""
