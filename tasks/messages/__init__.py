"""What is done with messages: acts on them, what goes with them, the steps that send them."""
