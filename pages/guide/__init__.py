"""What a guide sees on her phone, inside the messenger."""
