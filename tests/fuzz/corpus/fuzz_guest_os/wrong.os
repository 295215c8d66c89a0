structure node
next next>node.
region a b c d
reason .nothing x
reason
