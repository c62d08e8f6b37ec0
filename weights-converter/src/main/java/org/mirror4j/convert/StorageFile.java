package org.mirror4j.convert;

import java.lang.foreign.MemorySegment;
import org.mirror4j.convert.Pickled.Storage;

/** Where the raw elements of storages lie. */
interface StorageFile extends AutoCloseable {
  /**
   * Looks whether a storage is there with all its elements.
   *
   * @throws org.mirror4j.file.FileException if not
   */
  void requireWhole(Storage storage);

  /**
   * Copies bytes of a storage.
   *
   * @param begin first byte
   * @param to overwritten whole; {@code begin + to.byteSize()} is within the storage
   * @throws org.mirror4j.file.FileException if they cannot be read
   */
  void read(Storage storage, long begin, MemorySegment to);

  @Override
  void close();
}
