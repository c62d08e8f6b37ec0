package org.mirror4j.encode;

import java.util.function.Supplier;
import org.mirror4j.device.Device;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.CudaLibraries;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;

/** Opens what computes: the device that is asked for, or the best there is. */
public final class Devices {
  private Devices() {}

  /** Devices by name. */
  public enum Choice {
    /** The best there is. */
    AUTO,
    /** The processor. */
    CPU,
    /** An NVIDIA card. */
    CUDA,
    /** The interpreter of GPU kernels, every access checked. */
    PTX
  }

  /**
   * A device of the calling thread.
   *
   * @param device the caller closes it
   * @param label its name, and why it is this one where that was left open
   */
  public record Opened(Device device, String label) {}

  /**
   * Opens a device.
   *
   * @param threads that compute where the processor does; results do not depend on it
   * @throws RuntimeException if the device cannot be had; the message says why
   */
  public static Opened open(Choice choice, int threads) {
    return open(choice, threads, KernelLibrary::bundled);
  }

  /**
   * Opens a device.
   *
   * @param threads that compute where the processor does; results do not depend on it
   * @param kernels gives what a card or the interpreter launches; not asked where the processor
   *     computes
   * @throws RuntimeException if the device cannot be had; the message says why
   */
  public static Opened open(Choice choice, int threads, Supplier<KernelLibrary> kernels) {
    return switch (choice) {
      case AUTO -> best(threads, kernels);
      case CPU -> asked(new HostDevice(threads));
      case CUDA -> asked(card(kernels));
      case PTX -> asked(PtxDriver.device(CheckLevel.ALL, threads, kernels.get()));
    };
  }

  private static Opened asked(Device device) {
    return new Opened(device, device.name());
  }

  /** A card where one can be used, else the processor. */
  private static Opened best(int threads, Supplier<KernelLibrary> kernels) {
    try {
      Device card = card(kernels);
      return new Opened(card, card.name() + " (auto)");
    } catch (CudaUnavailableException | CudaException e) {
      Device processor = new HostDevice(threads);
      return new Opened(processor, "%s (auto: %s)".formatted(processor.name(), e.getMessage()));
    }
  }

  private static Device card(Supplier<KernelLibrary> kernels) {
    CudaLibraries libraries = CudaLibraries.load();
    KernelLibrary launched = kernels.get();
    return new DriverDevice("cuda", JCudaDriver.open(libraries), launched);
  }
}
