structure node        # small.elf's
first first
next next
also table
current first
pid stamp
name inner.text
state colour
parent next>node.stamp
waiting inner.words
stack next>node.next>node.stamp
saved stamp eax - ebx esi eip
hz first
ticks first
owner stamp
nice stamp
call inner.low
regions next node
region-count stamp
region stamp inner next -
region-flags write grows
files next inner
file low high low high low high low
handlers next node
handler stamp
reason self a child
reason .stamp time
reason stack something on its stack
reason table a table
