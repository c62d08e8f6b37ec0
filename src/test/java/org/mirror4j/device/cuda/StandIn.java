package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A native library whose functions are methods of a subclass: a method of the name of an exported
 * function is called in its place. Pointers and handles are long; the result is a status. Functions
 * without a method return the status of an empty slot.
 */
public abstract class StandIn {
  /** All memory; offsets are addresses. */
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** What the loader says of {@link #refused}. */
  public static final String REFUSAL = "only ET_DYN and ET_EXEC can be loaded";

  private static final int ELF_TYPE = 16;
  private static final byte RELOCATABLE = 1;

  private static final MethodHandle CALL;

  static {
    try {
      CALL =
          MethodHandles.lookup()
              .findVirtual(
                  StandIn.class,
                  "call",
                  MethodType.methodType(int.class, Method.class, Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int brokenStatus;
  private final List<String> calls = new ArrayList<>();
  private final Map<String, Integer> failing = new HashMap<>();
  private Throwable broken;

  /**
   * @param brokenStatus what a function returns whose method throws
   */
  protected StandIn(int brokenStatus) {
    this.brokenStatus = brokenStatus;
  }

  /** A library that the build makes only where gcc is; without it the test is skipped. */
  public static Path library(String path) {
    Path library = Path.of(path).toAbsolutePath();
    assumeTrue(Files.exists(library), "built without gcc: there is no " + path);
    return library;
  }

  /** A copy of a library that the loader refuses: its header says that it is still to be linked. */
  public static Path refused(Path library, Path copy) throws IOException {
    byte[] bytes = Files.readAllBytes(library);
    bytes[ELF_TYPE] = RELOCATABLE;
    return Files.write(copy, bytes);
  }

  /** Sends the functions of a library to the methods of this object. */
  public final void serve(Forwarder library) {
    for (Method method : getClass().getDeclaredMethods()) {
      if (library.functions().contains(method.getName())) {
        method.setAccessible(true);
        library.set(method.getName(), upcall(method));
      }
    }
  }

  private MemorySegment upcall(Method method) {
    MemoryLayout[] layouts =
        Arrays.stream(method.getParameterTypes()).map(StandIn::layout).toArray(MemoryLayout[]::new);
    MethodHandle handle =
        MethodHandles.insertArguments(CALL, 0, this, method)
            .asCollector(Object[].class, layouts.length)
            .asType(MethodType.methodType(int.class, method.getParameterTypes()));
    return Linker.nativeLinker()
        .upcallStub(handle, FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts), Arena.global());
  }

  private static MemoryLayout layout(Class<?> type) {
    if (type == long.class) {
      return ValueLayout.JAVA_LONG;
    }
    if (type == float.class) {
      return ValueLayout.JAVA_FLOAT;
    }
    return type == double.class ? ValueLayout.JAVA_DOUBLE : ValueLayout.JAVA_INT;
  }

  /** An exception must not leave the library: it would end the process. */
  private int call(Method method, Object[] arguments) {
    calls.add(method.getName());
    Integer failure = failing.get(method.getName());
    if (failure != null) {
      return failure;
    }
    try {
      return (int) method.invoke(this, arguments);
    } catch (InvocationTargetException e) {
      broken = e.getCause();
      return brokenStatus;
    } catch (ReflectiveOperationException | RuntimeException e) {
      broken = e;
      return brokenStatus;
    }
  }

  /** Lets a function fail from now on, 0 to let it work again. */
  public final void fail(String function, int status) {
    if (status == 0) {
      failing.remove(function);
    } else {
      failing.put(function, status);
    }
  }

  /** Names of the functions called since the last time this was asked, in order. */
  public final List<String> takeCalls() {
    List<String> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  /** Requires that no method has thrown. */
  public final void assertUnbroken() {
    assertThat(broken).isNull();
  }

  public static void setInt(long address, int value) {
    ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }

  public static void setLong(long address, long value) {
    ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  public static int getInt(long address) {
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  public static long getLong(long address) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  public static String getString(long address) {
    return ALL.getString(address);
  }
}
