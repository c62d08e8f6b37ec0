package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The functions of a loaded library, called now and then: each call looks its function up.
 * Arguments are {@code Integer}, {@code Long} and {@link MemorySegment}, passed as int, long and
 * pointer.
 */
public final class NativeFunctions {
  private final String name;
  private final SymbolLookup lookup;

  private NativeFunctions(String name, SymbolLookup lookup) {
    this.name = name;
    this.lookup = lookup;
  }

  /**
   * Opens a library for the rest of the process.
   *
   * @param name a path, or a name that the loader finds
   */
  public static Optional<NativeFunctions> open(String name) {
    try {
      return Optional.of(
          new NativeFunctions(name, SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException notFound) {
      return Optional.empty();
    }
  }

  /** The path or name it was opened by. */
  @Override
  public String toString() {
    return name;
  }

  /** Address of a function, if the library has it. */
  public Optional<MemorySegment> find(String function) {
    return lookup.find(function);
  }

  /**
   * Calls a function that returns an int.
   *
   * @throws CudaUnavailableException if the library lacks it
   */
  public int call(String function, Object... arguments) {
    return (int) invoke(function, JAVA_INT, arguments);
  }

  /** Calls a function that returns a pointer to at most {@code bytes} bytes. */
  MemorySegment callForPointer(String function, long bytes, Object... arguments) {
    MemoryLayout target = MemoryLayout.sequenceLayout(bytes, JAVA_BYTE);
    return (MemorySegment) invoke(function, ADDRESS.withTargetLayout(target), arguments);
  }

  /** Calls a function that returns nothing. */
  void run(String function, Object... arguments) {
    invoke(function, null, arguments);
  }

  private Object invoke(String function, MemoryLayout result, Object... arguments) {
    MemorySegment address =
        find(function)
            .orElseThrow(
                () -> new CudaUnavailableException("%s lacks %s".formatted(name, function)));
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      layouts[i] =
          switch (arguments[i]) {
            case Integer _ -> JAVA_INT;
            case Long _ -> JAVA_LONG;
            case MemorySegment _ -> ADDRESS;
            default ->
                throw new IllegalArgumentException(
                    "argument %d of %s is %s, expected Integer, Long or MemorySegment"
                        .formatted(i, function, arguments[i].getClass().getName()));
          };
    }
    FunctionDescriptor signature =
        result == null
            ? FunctionDescriptor.ofVoid(layouts)
            : FunctionDescriptor.of(result, layouts);
    MethodHandle handle = Linker.nativeLinker().downcallHandle(address, signature);
    try {
      return handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("the call of %s failed".formatted(function), e);
    }
  }
}
