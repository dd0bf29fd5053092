"""Serves the empty page the way serve.py serves the app: `python -m bench.floor --port PORT`."""

import argparse
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware

from serve import Guard, warm

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    empty = st.App(Path(__file__).with_name("empty.py"), lifespan=warm, middleware=[Middleware(Guard)])
    uvicorn.run(
        empty,
        host="127.0.0.1",
        port=parser.parse_args().port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
