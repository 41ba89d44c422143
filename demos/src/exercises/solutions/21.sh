answer house /mnt
