"""What one run can get and at what price: quotes of vendors, power of sites, chips in the world,
and whether to rent or to own.
"""
