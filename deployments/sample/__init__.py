"""Which invented property can the product be tried on?"""
