"""When public text is used up: stock, demand, the date, and what moves it."""
