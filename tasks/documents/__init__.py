"""Documents, publish packages and proof of posting: made, filed and checked; the letter to an objector."""
