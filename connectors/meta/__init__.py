"""What Facebook, Instagram and Threads have in common: the Graph API's calls, errors, paging and rounds of reading."""
