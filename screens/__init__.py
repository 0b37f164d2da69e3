"""Screens: the Streamlit pages. They call only `inbox`."""
