"""What lives at the bottom: entity declarations, the two stores, the sample department."""
