touch kept lent
unshare --uts=kept hostname mounted
unshare --uts=lent hostname opened
exec 9< lent
umount lent
# Makes `posted`, posts its open file, and ends.
answer
