"""The parts every page is made of: formats, words, session, filters, card, table, chart, evidence, empty state."""
