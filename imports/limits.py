"""How large an uploaded sheet may be (quality.md, Bad input). Sizes are bytes."""

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
LARGEST_SIDE_PART = 2 * 1024 * 1024  # of a workbook's parts that hold neither cells nor texts, such as its styles
LARGEST_RATIO = 200  # unpacked to packed; a real sheet of repeated rows reaches some 50
MOST_PARTS = 500
MOST_ROWS = 10_000  # below the header, as many as a batch takes
MOST_COLUMNS = 50
LONGEST_CELL = 1_000  # characters
# What is larger takes longer than about a second and is read in a job: some 2,700 rows of a workbook, 5,000 of text.
LARGE_WORKBOOK = 2 * 1024 * 1024  # unpacked
LARGE_TEXT = 1024 * 1024
