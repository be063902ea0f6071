"""Which social security benefits a migrant worker keeps, loses or can carry across the border, and why."""
