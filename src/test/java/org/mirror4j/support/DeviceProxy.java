package org.mirror4j.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;

/** A CPU of which some calls are listened to, or answered in its place. */
public final class DeviceProxy {
  private DeviceProxy() {}

  /** Hears each call before the CPU does. */
  @FunctionalInterface
  public interface Listener {
    /** The answer to a call; empty for the CPU's own. */
    Optional<Object> answer(String method, Object[] arguments);
  }

  /** A CPU of one thread. */
  public static Device of(Listener listener) {
    Device host = new HostDevice(1);
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              Optional<Object> answer = listener.answer(method.getName(), arguments);
              if (answer.isPresent()) {
                return answer.get();
              }
              try {
                Object result = method.invoke(host, arguments);
                return result == host ? proxy : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** One that has no memory left. */
  public static Device full() {
    return of(
        (method, arguments) ->
            method.equals("availableBytes") ? Optional.of(0L) : Optional.empty());
  }
}
