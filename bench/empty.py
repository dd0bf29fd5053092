"""The page that does nothing: the floor of every rerun."""

import streamlit as st

st.write("")
