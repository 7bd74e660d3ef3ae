"""What a person reads on paper or keeps: the letter of engagement, the handover dossier. Rendered from facts alone."""
