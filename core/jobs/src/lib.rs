//! Background work. There is none yet: what is to be done later will be rows of the writing transaction, and run here.
