"""Where verifications are kept."""
