"""What is asked of the store? One query tree for the search box, IMAP SEARCH and JMAP, and the index that answers it."""
