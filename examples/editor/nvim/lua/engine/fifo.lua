--- Named pipes with lines in them. Nothing here waits: a pipe is opened whether somebody is at its other end or not.

local bit = require("bit")
local ffi = require("ffi")
local uv = vim.uv or vim.loop

ffi.cdef([[
  int mkfifo(const char *path, unsigned int mode);
  int flock(int descriptor, int operation);
]])

local M = {}

local READ = bit.bor(uv.constants.O_RDONLY, uv.constants.O_NONBLOCK)
local WRITE = bit.bor(uv.constants.O_WRONLY, uv.constants.O_NONBLOCK)
local MODE = tonumber("600", 8)
local LOCK_EX, LOCK_NB = 2, 4

local function shown(path)
  return vim.fn.fnamemodify(path, ":~:.")
end

--- Makes a pipe where there is nothing; gives the problem if there is something else.
local function make(path)
  ffi.C.mkfifo(path, MODE)
  local found, problem = uv.fs_lstat(path)
  if not found then
    return problem
  elseif found.type ~= "fifo" or found.uid ~= uv.getuid() then
    return shown(path) .. " is no named pipe of this user: remove it"
  end
end

--- The end that is read, if one is.
local reading = nil

local function stop_reading()
  if reading then
    reading:close()
    reading = nil
  end
end

-- An end that is opened while Neovim ends could keep it from that.
vim.api.nvim_create_autocmd("VimLeavePre", { callback = stop_reading })

--- Hands over all lines that somebody writes to the pipe, several at once. When the last writer is gone, whose half line is
--- dropped, it tells that, and goes on with the next. Gives the problem if it cannot.
function M.read(path, on_lines, on_gone)
  local problem = make(path)
  local descriptor
  if not problem then
    descriptor, problem = uv.fs_open(path, READ, 0)
  end
  -- Not earlier: so the pipe keeps what the next writer may have written by now.
  stop_reading()
  if not descriptor then
    return problem
  end
  -- The engine's library locks it too: a second reader would take half of the lines.
  if ffi.C.flock(descriptor, LOCK_EX + LOCK_NB) ~= 0 then
    uv.fs_close(descriptor)
    return "another client reads " .. shown(path)
  end

  local half, lines = "", {}
  local function take(data)
    local rest = 1
    data = half .. data
    for line, next in data:gmatch("([^\n]*)\n()") do
      table.insert(lines, line)
      rest = next
    end
    half = data:sub(rest)
    vim.schedule(function()
      local taken = lines
      lines = {}
      on_lines(taken)
    end)
  end

  local pipe = uv.new_pipe(false)
  pipe:open(descriptor)
  pipe:read_start(function(_, data)
    if data then
      return take(data)
    end
    vim.schedule(function()
      if reading == pipe then
        on_gone(M.read(path, on_lines, on_gone))
      end
    end)
  end)
  reading = pipe
end

--- Writes a line to the pipe, at once or not at all: it must be shorter than the 4096 bytes that a pipe keeps together. Gives the
--- problem if it cannot.
function M.write(path, line)
  local problem = make(path)
  if problem then
    return problem
  end
  local descriptor, failed, code = uv.fs_open(path, WRITE, 0)
  if not descriptor then
    return code == "ENXIO" and "no engine reads " .. shown(path) or failed
  end
  local written
  written, failed, code = uv.fs_write(descriptor, line .. "\n", -1)
  uv.fs_close(descriptor)
  if not written then
    return code == "EAGAIN" and "the engine does not read the commands that are in " .. shown(path) or failed
  end
end

return M
