package org.mirror4j.research;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.DType;

/** A driver that tells of every launch before it passes it on. */
public final class WatchedDriver implements Driver {
  /** Is told of launches. */
  public interface Watcher {
    /**
     * A launch; the arguments change after the call.
     *
     * @param kernel what the watched driver loaded
     */
    void launched(Kernel kernel, int grid, int block, int sharedBytes, KernelArguments arguments);
  }

  private final Driver driver;
  private Watcher watcher = (kernel, grid, block, sharedBytes, arguments) -> {};

  public WatchedDriver(Driver driver) {
    this.driver = driver;
  }

  /** Who is told from now on. */
  public void watcher(Watcher watcher) {
    this.watcher = watcher;
  }

  @Override
  public void launch(
      Kernel kernel, int grid, int block, int sharedBytes, KernelArguments arguments) {
    watcher.launched(kernel, grid, block, sharedBytes, arguments);
    driver.launch(kernel, grid, block, sharedBytes, arguments);
  }

  @Override
  public String description() {
    return driver.description();
  }

  @Override
  public Set<Precision> precisions() {
    return driver.precisions();
  }

  @Override
  public long availableBytes() {
    return driver.availableBytes();
  }

  @Override
  public long allocate(long bytes) {
    return driver.allocate(bytes);
  }

  @Override
  public void free(long address) {
    driver.free(address);
  }

  @Override
  public Kernel load(KernelSource source, DType storage) {
    return driver.load(source, storage);
  }

  @Override
  public MatrixProducts matrixProducts() {
    return driver.matrixProducts();
  }

  @Override
  public void upload(long to, MemorySegment from, long bytes) {
    driver.upload(to, from, bytes);
  }

  @Override
  public void prefetch(long to, MemorySegment from, long bytes) {
    driver.prefetch(to, from, bytes);
  }

  @Override
  public void download(MemorySegment to, long from, long bytes) {
    driver.download(to, from, bytes);
  }

  @Override
  public void copy(long to, long from, long bytes) {
    driver.copy(to, from, bytes);
  }

  @Override
  public void fill(long to, int word, long words) {
    driver.fill(to, word, words);
  }

  @Override
  public void synchronize() {
    driver.synchronize();
  }

  @Override
  public Recording record(Runnable work) {
    return driver.record(work);
  }

  @Override
  public Event event() {
    return driver.event();
  }

  @Override
  public void close() {
    driver.close();
  }
}
