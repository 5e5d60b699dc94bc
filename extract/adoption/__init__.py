"""Taking over what the older system's tables can give, until the API's own history has landed."""
